using System.Runtime.CompilerServices;

namespace Unstale.Values;

/// <summary>Room on the stack for the tags of a call, so that a load does not allocate a copy of its tags.</summary>
[InlineArray(Length)]
internal struct NameBuffer
{
    public const int Length = 8;

    private string _first;
}
