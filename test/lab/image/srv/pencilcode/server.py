"""The web application behind nginx: `server.py NAME PORT PIDFILE`, without the real one's features but with its ways to fail.

/etc/NAME-broken makes it die at once, /etc/NAME-flaps after it has listened for 4 s, /etc/NAME-slow makes it listen 2 s late; GET
/crash makes it exit with 3, GET /hang makes it answer nobody any more, though the port stays open; a missing data directory is
answered with 200 and an error body, as Pencil Code's own server does.
"""

import json
import os
import pathlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

name, port, pidfile = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
data = pathlib.Path('/mnt/datadisk/data')
hung = threading.Event()


def load(project):
    try:
        return {'directory': '/', 'list': sorted(entry.name for entry in (data / project).iterdir())}
    except OSError:
        return {'error': f'Could not read file {project}'}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        path = self.path.split('?')[0]
        if path == '/crash':
            os._exit(3)
        if path == '/hang':
            hung.set()
        while hung.is_set():
            time.sleep(60)
        if path.startswith('/load/'):
            self.answer(200, load(path.removeprefix('/load/')))
        elif path == '/socket.io/status':
            self.answer(200, {'connections': 0})
        else:
            self.answer(404, {'error': 'not found'})

    def answer(self, status, content):
        body = json.dumps(content, separators=(',', ':')).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if pathlib.Path(f'/etc/{name}-broken').exists():
    sys.exit(f'{name}: broken by /etc/{name}-broken')
if pathlib.Path(f'/etc/{name}-slow').exists():
    time.sleep(2)
if pathlib.Path(f'/etc/{name}-flaps').exists():
    threading.Timer(4, os._exit, [3]).start()
server = ThreadingHTTPServer(('0.0.0.0', port), Handler)
pidfile.write_text(f'{os.getpid()}\n')
print(f'{name} listening on {port}', flush=True)
server.serve_forever()
