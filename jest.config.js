const everyTest = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
};

/** Folders whose tests need processor and memory alone, and a Temporal server of their own at most. */
const inMemory = ['activities', 'client', 'kill', 'model', 'plan', 'replay', 'spec', 'workflows'];
const folders = inMemory.map((name) => `<rootDir>/test/${name}/`);

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...everyTest, displayName: 'in memory', testMatch: folders.map((folder) => `${folder}**/*.test.ts`) },
    // One file at a time: engine, ports and the kernel's tables are the machine's, and loads are counted.
    {
      ...everyTest,
      displayName: 'on the machine',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: folders,
      runner: '<rootDir>/test/serial-runner.js',
    },
  ],
  testSequencer: '<rootDir>/test/sequencer.js',
  testTimeout: 180_000,
  maxWorkers: 2,
  maxConcurrency: 2,
};
