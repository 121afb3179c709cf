/** A page that opens what each bundler made in a frame and gives back its results. */

async function resultOf(address: string): Promise<unknown> {
  const frame = document.createElement("iframe");
  frame.src = address;
  document.body.append(frame);
  await new Promise((loaded) => frame.addEventListener("load", loaded, { once: true }));
  const { body } = frame.contentDocument!;
  const result = await new Promise<string>((done) => {
    const look = () => {
      if (body.dataset.result !== undefined) done(body.dataset.result);
    };
    new MutationObserver(look).observe(body, { attributes: true });
    look();
  });
  frame.remove();
  return JSON.parse(result);
}

export async function run() {
  return {
    esbuild: await resultOf("/esbuild/index.html"),
    vite: await resultOf("/vite/index.html"),
  };
}
