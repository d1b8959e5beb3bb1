"""File sizes as people write them."""
import re

DECIMAL = { 'b':1, 'kb':10**3, 'mb':10**6, 'gb':10**9, 'tb':10**12 }
BINARY={'kib':2**10,'mib' : 2**20, 'gib':2**30,
    'tib':2**40}
_SIZE=re.compile( r'(\d+(?:\.\d+)?)\s*([a-z]*)' )

def parse_size( text:str )->int :
    '''Read `12 MB`, `1.5GiB` or `800`; plain numbers are bytes.'''
    match=_SIZE.fullmatch( text.strip().lower() )
    if match is None :
        raise ValueError( f'{text!r} is not a size' )
    amount,unit=match.groups()
    factor = {**DECIMAL , **BINARY}.get( unit or 'b' )
    if factor is None: raise ValueError( f'{unit!r} is not a unit of size' )
    return round( float(amount)*factor )


def format_size( size:int,*,binary:bool=False )->str :
    '''The size in the largest unit that leaves at least one, e.g. `1.5 GB`.'''
    names = [ 'B','KiB','MiB','GiB','TiB' ] if binary else [ 'B','kB','MB','GB','TB' ]
    step = 1024 if binary else 1000
    amount,index=float(size),0
    while abs( amount )>=step and index<len( names )-1 :
        amount,index=amount/step,index+1
    return f'{size} B' if index==0 else f'{amount:.1f} {names[ index ]}'
