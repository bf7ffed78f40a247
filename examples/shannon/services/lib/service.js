'use strict';
/** The image's version; every answer carries it in the header x-version. */
const version = process.env.VERSION ?? 'dev';

/** Returns a service: its `stopping` aborts at the first SIGTERM or SIGINT. */
function createService(name) {
  const controller = new AbortController();
  const log = (message) => process.stdout.write(`${name} ${version}: ${message}\n`);
  return { name, version, log, isAtLeast, stopping: controller.signal, beginStop: () => controller.abort() };
}

/** All versions share this code. What a version brought is there from that version on. */
const isAtLeast = (wanted) => version.localeCompare(wanted, 'en', { numeric: true }) >= 0;

/**
 * On the first SIGTERM or SIGINT: refuses new work, lets what is in flight finish, closes servers, then clients, and
 * exits with 0. Requests still in flight after `seconds` are cut off, and the exit code is 1.
 */
function stopOnSignal({ service, servers, clients = [], seconds }) {
  const stop = async (signal) => {
    if (service.stopping.aborted) return;
    service.log(`stopping on ${signal}`);
    service.beginStop();
    setTimeout(() => end(service, 1, `cut off after ${seconds} s`), seconds * 1000).unref();
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.allSettled(clients.map((client) => client.close()));
    end(service, 0, 'stopped');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function end(service, code, message) {
  service.log(message);
  process.exit(code);
}

module.exports = { createService, stopOnSignal };
