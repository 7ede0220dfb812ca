/** Ids are fixed, so that the examples in Swagger UI work unchanged for Ada. */
const id = (number: number): string => `0199a000-0000-7000-8000-${String(number).padStart(12, '0')}`;

export const DEMO_PATIENT = { type: 'patient', id: 'P-1042', label: 'Uma User' };

export const DEMO_THREADS = {
  /** Ada and Theo. */
  direct: { id: id(301) },
  /** Theo, Clara and Ada, about a patient. */
  group: { id: id(302), subject: 'Care plan for Uma' },
};

/**
 * One message for each route with a message in its example, so that trying one route does not spoil another example.
 */
export const DEMO_MESSAGES = {
  toEdit: { id: id(401), content: 'The rota for next week is out.' },
  toRead: { id: id(402), content: 'Thank you. Could you move my Tuesday group to the afternoon?' },
  toHide: { id: id(403), content: 'Never mind, I have found a swap.' },
  edited: { id: id(404), content: 'Uma asks for an earlier appointment.' },
  toResponse: { id: id(405), content: 'I can see her on Thursday at nine.' },
  toModerate: { id: id(406), content: 'Her number is 555 0100.' },
};

/** Created for Ada by the request of a service. */
export const DEMO_NOTIFICATION = { id: id(501), title: 'The server will be down on Sunday' };
export const DEMO_NOTIFICATION_TO_DELETE = { id: id(502), title: 'The server is up again' };
export const DEMO_NOTIFICATION_REQUEST = { id: id(503) };
export const DEMO_NOTIFICATION_REQUEST_TO_RETRACT = { id: id(504) };

export const DEMO_EDIT = 'The rota for next week is out: see the board.';
