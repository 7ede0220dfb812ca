/** Your front end: connects with the user's token, and calls back with each notification. */
export function connect(url, token, onNotification) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/realtime`, ['tidings', token]);
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error('The WebSocket was refused.'));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'hello') resolve(socket);
      if (frame.type === 'notification') onNotification(frame.notification);
    };
  });
}
