const { projects } = require('../../jest.config');

const [{ testPathIgnorePatterns: _, ...everyTest }] = projects;

/** `npm run test:ui`: a browser, one page at a time. @type {import('jest').Config} */
module.exports = {
  ...everyTest,
  displayName: 'web ui',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/ui/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
