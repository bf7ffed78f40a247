"""Ends its main thread, and stays: a thread that is no daemon goes on, and nobody tells it to end."""

import time
from threading import Thread

from agent import Server, log


def train():
    while True:
        time.sleep(1)


Thread(target=train).start()
server = Server()
server.until_signal()
server.finish()
log('the main thread has ended')
