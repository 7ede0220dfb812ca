/** A message as one person sees it. */
export interface MessageView {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  /** Usernames; the recipient of a direct message only. */
  sender: string | null;
  recipient: string | null;
  subject: string | null;
  content: string;
  reply_to_id: string | null;
  /** For its sender whether all others have read it, for everybody else whether they have themselves. */
  is_read: boolean;
  read_at: Date | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  /** Of those who let others know, oldest first; without a time where the read mark is removed. */
  receipts: { user_id: string; read_at: string | null }[];
}
