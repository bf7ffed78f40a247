const Sequencer = require('@jest/test-sequencer').default;

/** Tests of docker-compose.yml come last: their images are made beside the others. */
module.exports = class extends Sequencer {
  sort(tests) {
    const isLast = ({ path }) => path.includes('/test/production/');
    const sorted = super.sort(tests);
    return [...sorted.filter((one) => !isLast(one)), ...sorted.filter(isLast)];
  }
};
