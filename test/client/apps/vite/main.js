import { createTidings } from '@tidings/client';

const { url, token, thread } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const { store, actions } = createTidings({ url, getToken: () => token });

/** Keeps an element up to date with a part of the store. */
function show(selector, slice, render) {
  const update = () => render(document.querySelector(selector), slice.getSnapshot());
  slice.subscribe(update);
  update();
}

show('#messages', store.messages(thread), (list, { rows }) =>
  list.replaceChildren(
    ...rows.map(({ content }) => Object.assign(document.createElement('li'), { textContent: content })),
  ),
);
show('#connection', store.connection, (element, state) => (element.textContent = state));

document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const { content } = event.target.elements;
  void actions.send(thread, { content: content.value });
  content.value = '';
});
