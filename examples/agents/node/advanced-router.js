/**
 * Looks at connections before its HTTP server gets them, so net.Server closes the port. It waits for idle connections,
 * which http.Server would end: one client that keeps its connection holds up the exit. KEEP_ALIVE_SECONDS says how long.
 */
const net = require('node:net');
const { Agent } = require('./agent');

const agent = new Agent();
agent.server.keepAliveTimeout = 1000 * Number(process.env.KEEP_ALIVE_SECONDS ?? 15);
const front = net.createServer((socket) => agent.server.emit('connection', socket)).listen(8080);
agent.onSignal(() => front.close());
