/** What the agents in Node share: an HTTP server that stops by the book. Each program tells its own way. */
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const log = (text) => console.log(text);

/** Answers with 200, after the milliseconds of ?ms=N. While it stops: with 503, and each connection closes. */
class Agent {
  server = http.createServer((request, response) => this.answer(request, response));
  stopping = false;
  inFlight = 0;
  closesConnections = true;

  listen() {
    this.server.listen(8080);
    return this;
  }

  refuses() {
    return this.stopping;
  }

  async answer(request, response) {
    this.inFlight += 1;
    response.on('close', () => {
      this.inFlight -= 1;
    });
    const ms = Number(new URL(request.url, 'http://agent').searchParams.get('ms'));
    const refused = this.refuses();
    if (!refused) await sleep(ms);
    if (this.stopping && this.closesConnections) response.setHeader('Connection', 'close');
    response.writeHead(refused ? 503 : 200).end(refused ? 'stopping\n' : 'ok\n');
  }

  /** Calls `cleanUp` at the first of the signals. Later ones change nothing. */
  onSignal(cleanUp, signals = ['SIGTERM', 'SIGINT']) {
    const stop = (signal) => {
      if (this.stopping) return;
      this.stopping = true;
      log(`${signal}: stopping`);
      cleanUp();
    };
    for (const signal of signals) process.on(signal, stop);
    return this;
  }

  /** Waits for the requests on their way and in flight, then closes the port and all connections. */
  async finish() {
    await sleep(300);
    while (this.inFlight > 0) await sleep(20);
    this.server.close();
    this.server.closeAllConnections();
    log('the port is closed');
  }
}

module.exports = { Agent, log, sleep };
