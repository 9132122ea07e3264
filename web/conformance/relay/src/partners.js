// A list of partners with a page of links each, as a Relay app would write it.
import { graphql } from 'relay-runtime';

export const partnersQuery = graphql`
  query partnersQuery($count: Int!) {
    ...partners_list @arguments(count: $count)
  }
`;

export const list = graphql`
  fragment partners_list on Query
  @refetchable(queryName: "partnersPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    partners(first: $count, after: $cursor) @connection(key: "partners_partners") {
      edges {
        node {
          id
          name
          ...partners_links
        }
      }
    }
  }
`;

export const links = graphql`
  fragment partners_links on Partner
  @refetchable(queryName: "partnersLinksQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" }) {
    links(first: $count, after: $cursor) @connection(key: "partners_links") {
      edges {
        node {
          id
          slug
        }
      }
    }
  }
`;

export const linkCreateMutation = graphql`
  mutation partnersLinkCreateMutation($partner: ID!, $input: LinkCreateInput!, $connections: [ID!]!) {
    linkCreate(partnerId: $partner, input: $input) {
      link @appendNode(connections: $connections, edgeTypeName: "LinkEdge") {
        id
        slug
      }
      userErrors {
        code
        message
      }
    }
  }
`;
