"""Envoy's gRPC-JSON transcoder before the goals service: what a gateway without Python would cost.

The contract has no HTTP annotations, so they are added to the descriptors handed to Envoy.
"""

import json
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from tandem.goals.v1 import goals_service_pb2

_FILTERS = "type.googleapis.com/envoy.extensions.filters"
_SERVICE = "tandem.goals.v1.GoalsService"


def write_configuration(folder: Path, port: int, target: str) -> Path:
    """Writes the descriptors and the configuration; returns the latter's path.

    Args:
        folder: Where to.
        port: Of loopback, to listen on.
        target: The goals service's gRPC target, `unix:/…`.
    """
    descriptors = folder / "goals.pb"
    descriptors.write_bytes(_descriptors().SerializeToString())
    file = folder / "envoy.json"
    file.write_text(json.dumps(_bootstrap(port, target.removeprefix("unix:"), descriptors), indent=1))
    return file


def _descriptors() -> FileDescriptorSet:
    files: dict[str, FileDescriptorProto] = {}
    _collect(goals_service_pb2.DESCRIPTOR, files)
    service = files[goals_service_pb2.DESCRIPTOR.name].service[0]
    methods = {method.name: method for method in service.method}
    methods["GetGoal"].options.Extensions[annotations_pb2.http].get = "/v1/goals/{goal_id}"
    check_in = methods["LogActivity"].options.Extensions[annotations_pb2.http]
    check_in.post, check_in.body = "/v1/goals/{activity.goal_id}/checkins", "activity"
    return FileDescriptorSet(file=files.values())


def _collect(file: FileDescriptor, files: dict[str, FileDescriptorProto]) -> None:
    """The file behind all files that it needs."""
    if file.name in files:
        return
    for needed in file.dependencies:
        _collect(needed, files)
    files[file.name] = FileDescriptorProto()
    file.CopyToProto(files[file.name])


def _bootstrap(port: int, socket: str, descriptors: Path) -> dict[str, Any]:
    transcoder = {
        "name": "envoy.filters.http.grpc_json_transcoder",
        "typed_config": {
            "@type": f"{_FILTERS}.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
            "proto_descriptor": str(descriptors),
            "services": [_SERVICE],
            "print_options": {"always_print_primitive_fields": True, "preserve_proto_field_names": True},
        },
    }
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{_FILTERS}.http.router.v3.Router"}}
    manager = {
        "@type": f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "http_filters": [transcoder, router],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "goals",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "goals"}}],
                }
            ]
        },
    }
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    network_filter = {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
    return {
        "static_resources": {
            "listeners": [{"address": address, "filter_chains": [{"filters": [network_filter]}]}],
            "clusters": [_cluster(socket)],
        }
    }


def _cluster(socket: str) -> dict[str, Any]:
    protocol = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": "goals",
        "type": "STATIC",
        "typed_extension_protocol_options": {
            protocol: {
                "@type": f"type.googleapis.com/{protocol}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": "goals",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": socket}}}}]}],
        },
    }
