#!/bin/sh
# Before the first installation, which takes a minute or two: are the gateway's ports free?
# Does nothing once something is installed; then make up looks itself, and says who has a port.
set -eu
cd "$(dirname "$0")/../.."
if [ -x .venv/bin/python ]; then exit 0; fi

# The environment wins over the file .env, as for the launcher.
setting() {
    eval "value=\${$1:-}"
    if [ -z "$value" ] && [ -r .env ]; then
        value=$(sed -n "s/^ *\(export  *\)\{0,1\}$1 *= *[\"']\{0,1\}\([0-9]*\).*/\2/p" .env | tail -n 1)
    fi
    echo "${value:-$2}"
}

for name in TANDEM_GATEWAY_PORT:8000 TANDEM_OPS_PORT:8001; do
    port=$(setting "${name%:*}" "${name#*:}")
    # Without any Python there is nothing to look with; installing says so in a moment.
    status=0
    python3 - "$port" <<'PYTHON' 2>/dev/null || status=$?
import errno, socket, sys
probe = socket.socket()
probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    probe.bind(("127.0.0.1", int(sys.argv[1])))
except OSError as problem:
    sys.exit(98 if problem.errno == errno.EADDRINUSE else 0)
PYTHON
    if [ "$status" -eq 98 ]; then
        echo "tandem: port $port is taken; free it or set ${name%:*}" >&2
        exit 1
    fi
done
