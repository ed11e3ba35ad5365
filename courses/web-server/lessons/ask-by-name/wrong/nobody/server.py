import html
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        if address.path != "/greet":
            self.answer(404, "<h1>There is no such page</h1>")
            return
        name = parse_qs(address.query).get("name", ["nobody"])[0]
        self.answer(200, f"<h1>Hello, {html.escape(name)}!</h1>")

    def answer(self, status, page):
        """Send a page to the browser."""
        body = page.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
