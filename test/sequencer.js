const { relative } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;
const { secondsOf } = require('./budgets');

/**
 * Files that run beside others come first: images of docker-compose.yml are made beside them, and loads are counted
 * afterwards. Then come the longest by their budgets, so a run is the same on every machine. Tests of
 * docker-compose.yml come last.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const file = relative(context.config.rootDir, path);
      return file.startsWith('test/production/') ? -1 : secondsOf(file);
    };
    const isSerial = ({ context }) => Number(context.config.displayName?.name === 'on the machine');
    return [...tests].sort(
      (a, b) => isSerial(a) - isSerial(b) || rank(b) - rank(a) || (a.path < b.path ? -1 : 1),
    );
  }
};
