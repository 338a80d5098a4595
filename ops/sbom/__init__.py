"""Bills of materials: what an image is made of, read from the image itself and written as CycloneDX.

`packages` finds the parts in a file tree, `document` writes them down. The same image gives the same bytes.
"""
