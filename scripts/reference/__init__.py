"""What other programs read in data files, as columns to compare with: NumPy, pyarrow, astropy, h5py, and Python itself.

One module for each family of formats, each with a function `readings(path)`: what a file and its members hold.
"""
