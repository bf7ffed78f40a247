const everyTest = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
};

/** Tests whose loads, rules of the kernel or times bear no other test beside them. */
const onTheMachine = [
  'e2e/compose-up',
  'e2e/full-load',
  'e2e/managed',
  'e2e/published',
  'e2e/take-over',
  'proxies/managed-steady',
].map((name) => `<rootDir>/test/${name}.test.ts`);

/** Tests in a browser have a command of their own: `npm run test:ui`. */
const inTheBrowser = '<rootDir>/test/ui/';

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...everyTest,
      displayName: 'beside others',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...onTheMachine, inTheBrowser],
    },
    // One file at a time.
    {
      ...everyTest,
      displayName: 'on the machine',
      testMatch: onTheMachine,
      runner: '<rootDir>/test/serial-runner.js',
    },
  ],
  testSequencer: '<rootDir>/test/sequencer.js',
  testTimeout: 180_000,
  maxWorkers: 2,
  maxConcurrency: 4,
};
