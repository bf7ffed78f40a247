/** Exits at once, with 0. Requests in flight are cut. */
const { Agent } = require('./agent');

new Agent().onSignal(() => process.exit(0)).listen();
