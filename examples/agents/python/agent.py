"""What the agents in Python share: an HTTP server that stops by the book. Each program tells its own way."""

import os
import signal
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit


def log(text):
    """Writes a line, in a signal handler too."""
    os.write(1, f'{text}\n'.encode())


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def do_GET(self):
        with self.server.flight():
            refused = self.server.stopping
            if not refused:
                self.work()
            body = b'stopping\n' if refused else b'ok\n'
            self.send_response(503 if refused else 200)
            self.send_header('Content-Length', str(len(body)))
            if self.server.stopping:
                self.send_header('Connection', 'close')
            self.end_headers()
            self.wfile.write(body)

    def work(self):
        [ms] = parse_qs(urlsplit(self.path).query).get('ms', ['0'])
        time.sleep(int(ms) / 1000)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Answers with 200, after the milliseconds of ?ms=N. While it stops: with 503, and each connection closes."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(('', 8080), Handler)
        self.stopping = False
        self.in_flight = 0
        self.lock = Lock()

    @contextmanager
    def flight(self):
        self.count(1)
        try:
            yield
        finally:
            self.count(-1)

    def count(self, step):
        with self.lock:
            self.in_flight += step

    def start(self):
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def until_signal(self):
        """Serves until SIGTERM or SIGINT. Later ones change nothing."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.start()
        while not self.stopping:
            time.sleep(0.05)

    def stop(self, number, _frame):
        if not self.stopping:
            self.stopping = True
            log(f'{signal.Signals(number).name}: stopping')

    def finish(self):
        """Waits for the requests on their way and in flight, then closes the port."""
        time.sleep(0.3)
        while self.in_flight:
            time.sleep(0.02)
        self.shutdown()
        self.server_close()
        log('the port is closed')
