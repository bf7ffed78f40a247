"""A shutdown that others see: health says so first, requests in flight end, and only then does uvicorn close its port."""
import asyncio
import os
import signal
from contextlib import contextmanager


class Shutdown:
    def __init__(self):
        self.has_begun = False
        self.in_flight = 0

    def listen(self):
        """Comes before uvicorn's own handler, which closes the port at once."""
        loop = asyncio.get_running_loop()
        uvicorn = signal.getsignal(signal.SIGTERM)

        def begin(number, frame):
            if not self.has_begun:
                self.has_begun = True
                loop.call_soon_threadsafe(lambda: loop.create_task(self.end(lambda: uvicorn(number, frame))))

        signal.signal(signal.SIGTERM, begin)

    async def end(self, close):
        print(f"stopping, {self.in_flight} requests in flight", flush=True)
        # So long can balancers and scripts see it.
        await asyncio.sleep(float(os.environ.get("SHUTDOWN_NOTICE_SECONDS", "1")))
        while self.in_flight:
            await asyncio.sleep(0.05)
        close()

    @contextmanager
    def request(self):
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
