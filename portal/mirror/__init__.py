"""The public site as plain files, for the day on which nothing else answers.

`addresses` says where each page lies, `door` asks for it as a reader does, `pages`
makes links and forms fit a server that only sends files, `folder` keeps files so that
the mirror is whole at every instant, `export` goes from link to link.
"""
