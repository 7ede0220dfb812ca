/** The demo organization. Ids are fixed, so that the examples in Swagger UI work unchanged. */
export const DEMO_ORGANIZATION = { id: '0199a000-0000-7000-8000-000000000001', name: 'Riverside Clinic' };

const person = (number: number, username: string, display_name: string, role: string) => ({
  id: `0199a000-0000-7000-8000-${String(number).padStart(12, '0')}`,
  username,
  display_name,
  role,
  email: `${username}@riverside.example`,
});

export const DEMO_API_KEY = { id: '0199a000-0000-7000-8000-000000000901', name: 'old reminders', scopes: [] };

export const DEMO_PEOPLE = {
  ada: person(101, 'ada', 'Ada Admin', 'admin'),
  theo: person(102, 'theo', 'Theo Therapist', 'therapist'),
  clara: person(103, 'clara', 'Clara Clinician', 'clinician'),
  uma: person(104, 'uma', 'Uma User', 'user'),
  ulf: person(105, 'ulf', 'Ulf User', 'user'),
};

/** Not a member yet: the example of PUT /members creates this person. */
export const DEMO_NEWCOMER = person(106, 'nina', 'Nina Newcomer', 'user');
