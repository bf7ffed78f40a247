const { relative } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;
const { secondsOf } = require('./budgets');

/**
 * The longest files by their budgets come first, so slow tests show early, and a run is the same on every machine.
 * Tests of docker-compose.yml come last: their images are made beside the others.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const file = relative(context.config.rootDir, path);
      return file.startsWith('test/production/') ? -1 : secondsOf(file);
    };
    return [...tests].sort((a, b) => rank(b) - rank(a) || (a.path < b.path ? -1 : 1));
  }
};
