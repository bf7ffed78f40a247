const { default: TestRunner } = require('jest-runner');

/** Runs one file after the other in this process, whatever `maxWorkers` says. */
module.exports = class extends TestRunner {
  isSerial = true;
};
