"""Has no handler. The kernel drops SIGTERM: PID 1 gets no signal that it does not catch."""

from agent import Server

Server().serve_forever()
