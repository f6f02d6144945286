/** JSON Schema → the text of a TypeScript type, its descriptions as doc comments. */

/** As much of a JSON Schema as ours use. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
}

const PLAIN_KEY = /^[\w$]+$/;

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));

function objectText(schema: JsonSchema, indent: string): string {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const inner = `${indent}  `;
  if (schema.properties === undefined && typeof additionalProperties === 'object') {
    const value = typeText(additionalProperties, indent);
    const names = propertyNames?.enum;
    if (names === undefined) return `Readonly<Record<string, ${value}>>`;
    return `Readonly<Partial<Record<${names.map(literal).join(' | ')}, ${value}>>>`;
  }
  const lines = Object.entries(properties).flatMap(([key, property]) => {
    const name = PLAIN_KEY.test(key) ? key : JSON.stringify(key);
    const text = typeText(property, inner);
    const field = required.includes(key) ? `${name}: ${text}` : `${name}?: ${text} | undefined`;
    const comment = property.description === undefined ? [] : [`${inner}/** ${property.description} */`];
    return [...comment, `${inner}readonly ${field};`];
  });
  // An index must take what the named fields are, too.
  if (typeof additionalProperties === 'object') lines.push(`${inner}readonly [name: string]: number | undefined;`);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** The type of what a schema lets through, with every field readonly; `indent` is that of its first line. */
export function typeText(schema: JsonSchema, indent = ''): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return [...new Set(alternatives.map((each) => typeText(each, indent)))].join(' | ');
  }
  if ('const' in schema) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return schema.prefixItems === undefined
        ? `ReadonlyArray<${typeText(schema.items ?? {}, indent)}>`
        : `readonly [${schema.prefixItems.map((each) => typeText(each, indent)).join(', ')}]`;
    case 'object':
      return objectText(schema, indent);
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}
