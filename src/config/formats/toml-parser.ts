/** The package describes its types for ES modules alone. */
type Toml = typeof import('smol-toml', { with: { 'resolution-mode': 'import' }});

export const { parse, stringify, TomlError } = require('smol-toml') as Toml;
