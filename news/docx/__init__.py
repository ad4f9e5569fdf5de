"""Nhập từ Word: a .docx file becomes a proposal that an editor reviews.

package    opens the file: what is refused, and why, before anything is parsed
styles, fonts, pictures  make explicit what Word leaves to others
paper      the prepared file through mammoth, as texts, pictures and tables
recognise  title, sapo, captions, signature out of those
reading    all of that together: `read(file)` gives a `Proposal`
uploads    files that wait for their review, in private storage
form       what the editor corrects; creating makes the draft of it

Nothing here writes into the database except news.docx.creating.
"""
