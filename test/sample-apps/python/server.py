import json, os, ssl, sqlite3, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import greeting


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({'text': greeting.text, 'version': sys.version.split()[0], 'prefix': sys.prefix}).encode())

    def log_message(self, *_):
        pass


HTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()
