"""Hangs in its clean-up: it waits for a queue that nobody empties any more."""

from queue import Queue

from agent import Server, log

tasks = Queue()
tasks.put('unload a model')
server = Server()
server.until_signal()
log('clean-up: waiting for the queue')
tasks.join()
server.finish()
