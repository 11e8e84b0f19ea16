"""What analytics tells the others. Nothing yet; newly high risk will be told to mentor."""
