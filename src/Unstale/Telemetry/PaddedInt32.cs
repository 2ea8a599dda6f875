using System.Runtime.InteropServices;

namespace Unstale.Telemetry;

/// <summary>Number that every hit compares with zero and few calls change. Occupies a cache line of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct PaddedInt32
{
    [FieldOffset(64)]
    public int Value;
}
