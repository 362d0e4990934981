"""What the supervisor's tests run in a service's place: `python -m tests.standalone.stand_in ready|deaf|broken`."""

from __future__ import annotations

import http.server
import os
import signal
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def leave(*_: object) -> None:
    with open(os.environ["JOURNAL"], "a") as file:
        file.write(os.environ["NAME"] + "\n")
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:] == ["broken"]:
        sys.exit("no such setting")
    signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[1:] == ["deaf"] else leave)
    print("serving", flush=True)
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
