// A model server on a real socket that speaks the OpenAI chat protocol: it answers, refuses a key, or never ends.
import http from 'node:http';

/** Starts one on a free port. `calls` has what was asked and whether the asker hung up; `models` says how each behaves. */
export async function startModels(models) {
  const calls = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => answer(request, response, body));
  });
  const answer = (request, response, body) => {
    if (!request.url.endsWith('/chat/completions')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: Object.keys(models).map((id) => ({ id })) }));
      return;
    }
    const { model } = JSON.parse(body);
    const call = { model, hasHungUp: false };
    calls.push(call);
    response.on('close', () => (call.hasHungUp = !response.writableEnded));
    models[model](response, body);
  };
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  // The test ends whether or not somebody still listens.
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}/v1`, calls };
}

const piece = (content, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;

/** Answers with a text and the tokens it took. */
export const says = (text) => (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(piece(text));
  response.write(piece('', 'stop'));
  const usage = { prompt_tokens: 400, completion_tokens: 60, total_tokens: 460 };
  response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
};

/** Begins to answer and never ends. */
export const stalls = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(piece('```python\ndef '.repeat(6)));
};

/** Answers when it is told to: `release` of what this gives. */
export function waits() {
  let held = () => undefined;
  return { answers: (say) => (response) => (held = () => say(response)), release: () => held() };
}

/** Knows no such key. */
export const refusesKey = (response) => {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: 'invalid api key', type: 'authentication_error', code: 'invalid_api_key' } }));
};
