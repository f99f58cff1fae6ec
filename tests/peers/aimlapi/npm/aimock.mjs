// A server of @copilotkit/aimock, which writes the wire format itself. What it is to say is decided
// here, by the tools and the response format of a request. Arguments: the package's folder.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const { LLMock } = await import(pathToFileURL(join(process.argv[2], "dist", "index.js")).href);

function fill(schema, root, text) {
  if (schema.$ref) {
    const path = schema.$ref.split("/").slice(1);
    return fill(path.reduce((at, name) => at[name], root), root, text);
  }
  if (schema.enum) return schema.enum[0];
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return fill(variants.find((one) => one.type !== "null"), root, text);
  if (schema.type === "object" || schema.properties) {
    const names = schema.required ?? Object.keys(schema.properties ?? {});
    return Object.fromEntries(names.map((name) => [name, fill(schema.properties[name], root, text)]));
  }
  if (schema.type === "array") return [fill(schema.items ?? {}, root, text)];
  if (schema.type === "integer" || schema.type === "number") return 3;
  return schema.type === "boolean" ? true : text;
}

function answer(request) {
  const last = request.messages.at(-1);
  const users = request.messages.filter((message) => message.role === "user");
  const content = users.at(-1)?.content ?? "Hello";
  const text = typeof content === "string" ? content : "I have looked at it.";
  if (last.role === "tool") return { content: `The tool says: ${last.content}` };
  const named = request.tool_choice?.function?.name;
  const tools = request.tool_choice === "none" ? [] : request.tools ?? [];
  const tool = tools.find((one) => one.function.name === named) ?? tools[0];
  if (tool) {
    const schema = tool.function.parameters ?? {};
    const name = tool.function.name;
    return { toolCalls: [{ name, arguments: JSON.stringify(fill(schema, schema, text)) }] };
  }
  const format = request.response_format;
  if (format?.type === "json_schema") {
    const schema = format.json_schema.schema;
    return { content: JSON.stringify(fill(schema, schema, text)) };
  }
  if (format?.type === "json_object") {
    const keys = [...text.matchAll(/'(\w+)'/g)].map((found) => found[1]);
    return { content: JSON.stringify(Object.fromEntries(keys.map((key) => [key, text]))) };
  }
  return { content: text };
}

const mock = new LLMock({ port: 0 });
mock.addFixture({ match: { predicate: (request) => request.messages?.length > 0 }, response: answer });
await mock.start();
console.log(mock.url);
