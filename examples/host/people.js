/** What the product has in its own database. */
export const HOUSE = { id: '0199c0de-0000-7000-8000-000000000001', name: 'Hillside Homes' };

export const PEOPLE = [
  { id: '0199c0de-0000-7000-8000-000000000011', username: 'nora', display_name: 'Nora Novak' },
  { id: '0199c0de-0000-7000-8000-000000000012', username: 'sam', display_name: 'Sam Smith' },
  { id: '0199c0de-0000-7000-8000-000000000013', username: 'uma', display_name: 'Uma Uddin' },
];
