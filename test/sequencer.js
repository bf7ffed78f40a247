const { relative } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;
const { secondsOf } = require('./budgets');

/** Images of docker-compose.yml are made beside the longest files: its tests come once these have begun. */
const rankOfProduction = 28;

/**
 * Files that run beside others come first, and loads of the whole machine are counted afterwards. Then come the longest
 * by their budgets, so a run is the same on every machine.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const file = relative(context.config.rootDir, path);
      return file.startsWith('test/production/') ? rankOfProduction : secondsOf(file);
    };
    const isSerial = ({ context }) => Number(context.config.displayName?.name === 'on the machine');
    return [...tests].sort(
      (a, b) => isSerial(a) - isSerial(b) || rank(b) - rank(a) || (a.path < b.path ? -1 : 1),
    );
  }
};
