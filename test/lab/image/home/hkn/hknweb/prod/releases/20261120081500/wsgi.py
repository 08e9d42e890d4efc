"""A stand-in for gunicorn with one Django site: HTTP on a unix socket, 400 for a Host it does not serve (ALLOWED_HOSTS)."""

import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

path = sys.argv[1]
allowed = ['hkn.eecs.berkeley.edu']
release = os.path.basename(os.getcwd())


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        served = self.headers.get('Host') in allowed
        body = f'hknweb {release}\n'.encode() if served else b'Bad Request (400)\n'
        self.send_response(200 if served else 400)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form, *values):
        print(form % values, flush=True)


class Server(socketserver.ThreadingUnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ('unix', 0)  # BaseHTTPRequestHandler logs an address and a port


if os.path.exists(path):
    os.unlink(path)
Server(path, Handler).serve_forever()
