"""Has no handler. As PID 1 it never gets SIGTERM: the kernel drops signals that PID 1 does not catch."""

from agent import Server

Server().serve_forever()
