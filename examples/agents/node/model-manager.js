/** Has no handler. Node's own raises SIGTERM again, and the kernel drops signals that PID 1 does not catch. */
const { Agent } = require('./agent');

new Agent().listen();
