"""Fails in its clean-up, and exits with 1."""

from agent import Server

server = Server()
server.until_signal()
server.finish()
raise RuntimeError('clean-up: the summaries could not be written')
