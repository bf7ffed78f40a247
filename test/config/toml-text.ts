type Toml = typeof import('smol-toml', { with: { 'resolution-mode': 'import' }});

/** The package describes its types for ES modules alone. */
export const { stringify } = require('smol-toml') as Toml;
