/** A message as one person sees it. */
export interface MessageView {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  /** Usernames. The recipient is only set in direct threads. */
  sender: string | null;
  recipient: string | null;
  subject: string | null;
  /** null if the reader left before an edit and the text of that time is no longer kept. */
  content: string | null;
  reply_to_id: string | null;
  /** For the sender whether all others have read it, for everybody else whether they have read it themselves. */
  is_read: boolean;
  read_at: Date | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  /** Only for the sender. null for everybody else. */
  client_token: string | null;
  /** Of two copies of the message, the one with the higher rev is newer. */
  rev: number;
  /** Of people who share read receipts, oldest first. read_at is null if the read mark was deleted. */
  receipts: { user_id: string; read_at: string | null }[];
}
