import html
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

entries = []  # what the guests wrote, the oldest first


def page():
    """The whole page, as HTML."""
    items = "".join(f"<li>{text}</li>\n" for text in reversed(entries))
    return f"""<!doctype html>
<title>Guest book</title>
<h1>Guest book</h1>
<form method="post" action="/">
<input name="text"> <button>Write</button>
</form>
<ul>
{items}</ul>
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            self.answer(200, page())
        else:
            self.answer(404, "<h1>There is no such page</h1>")

    def do_POST(self):
        form = self.form()
        text = form.get("text", [""])[0].strip()
        if not text:
            self.answer(400, "<h1>Write something first</h1>")
            return
        entries.append(text)
        self.answer(303, Location="/")

    def form(self):
        """The fields of the form that was sent: a list of values for each name."""
        length = int(self.headers.get("Content-Length", "0"))
        return parse_qs(self.rfile.read(length).decode("utf-8"))

    def answer(self, status, page="", **headers):
        """Send a page to the browser. A header such as Location is given as Location="..."."""
        body = page.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
