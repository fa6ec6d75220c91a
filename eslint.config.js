import tseslint from 'typescript-eslint';

/** A process-wide thing may be touched only at the edge; the library is handed its clock, streams and settings. */
const edgeOnly = [
  { name: 'console', message: 'Emit an event; the edge renders it.' },
  { name: 'process', message: 'Only src/cli and the entry points may touch the process.' },
];

const bareError = {
  selector: "ThrowStatement > NewExpression[callee.name='Error']",
  message: "Throw fail('CODE', facts): every error a user can meet is in the catalogue.",
};

const labelsAlone = {
  selector: "CallExpression[callee.property.name='containers']",
  message: 'Use ownContainers: images and Dockerfiles can set labels, only the platform gives its names.',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'bench-results/',
      'coverage/',
      'examples/',
      'buildpacks/',
      'templates/',
      'test/sample-apps/',
      'test/e2e/*-app/',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      // A leading underscore says that the value is dropped on purpose.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', bareError, labelsAlone],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true, IIFEs: true }],
      complexity: ['error', 16],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/commands/**', 'src/controller/server.ts', 'src/agent/server.ts'],
    rules: { 'no-restricted-globals': ['error', ...edgeOnly] },
  },
  // chai's assertions are expressions, and commonjs is what mocha loads a reporter as.
  { files: ['test/**'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
