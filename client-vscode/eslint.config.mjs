import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const typed = {
  files: ['**/*.ts'],
  extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    eqeqeq: 'error',
    'no-console': 'error',
    complexity: ['error', 10],
    'max-lines': ['error', 300],
    'max-lines-per-function': ['error', 40],
    '@typescript-eslint/explicit-module-boundary-types': 'error',
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  },
};

const tests = {
  files: ['test/**/*.ts', 'test-host/**/*.ts'],
  rules: {
    'max-lines-per-function': 'off',
    // node:test registers by calling; its promises are awaited by the runner.
    '@typescript-eslint/no-floating-promises': 'off',
  },
};

const scripts = {
  files: ['**/*.mjs'],
  extends: [js.configs.recommended],
  languageOptions: { globals: { process: 'readonly' } },
  rules: { eqeqeq: 'error', 'no-console': 'error' },
};

export default defineConfig(globalIgnores(['dist/', 'dist-test/', 'dist-host/', 'node_modules/']), typed, tests, scripts);
