// The rules for schema.graphql: graphql-eslint's recommended ones, those for Relay, and a description for everything.
import path from 'node:path';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

const described = [
  'EnumTypeDefinition',
  'EnumValueDefinition',
  'FieldDefinition',
  'InputObjectTypeDefinition',
  'InputValueDefinition',
  'InterfaceTypeDefinition',
  'ObjectTypeDefinition',
  'ScalarTypeDefinition',
  'UnionTypeDefinition',
  'DirectiveDefinition',
];

/** The configuration for the schema in a file. */
export function rules(file) {
  return {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: file } } },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/require-description': ['error', {
        ...Object.fromEntries(described.map((kind) => [kind, true])),
        // The printer of the contract leaves their descriptions out; introspection has them.
        ignoredSelectors: ['DirectiveDefinition > InputValueDefinition'],
      }],
      // Lists go forward only: the order of a keyset is that of its index, and nobody pages backward through a feed.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Lists without pages (`nodes`, user errors, permissions) are short and complete. Rows that are read once, such as
      // entries of the audit trail, are no Nodes: no client keeps them by their id.
      '@graphql-eslint/relay-edge-types': ['error', {
        withEdgeSuffix: true,
        shouldImplementNode: false,
        listTypeCanWrapOnlyEdgeType: false,
      }],
      // Amounts, payloads, pages and other values have no identity.
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  };
}

/** What the rules say about the schema in a file, one line each. */
export async function broken(file) {
  const eslint = new ESLint({ cwd: path.dirname(file), overrideConfigFile: true, overrideConfig: rules(file) });
  const [result] = await eslint.lintFiles([file]);
  return result.messages.map(({ line, message, ruleId }) => `${line}: ${message} (${ruleId})`);
}
