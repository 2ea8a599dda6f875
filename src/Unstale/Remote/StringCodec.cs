using System.Buffers;
using System.Text;

namespace Unstale.Remote;

/// <summary>UTF-8. Strict both ways: what cannot be told exactly is an error, never another string.</summary>
internal sealed class StringCodec : ValueCodec<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override void Serialize(string value, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(value);
        Strict.GetBytes(value, target);
    }

    public override string Deserialize(ReadOnlySequence<byte> source) => Strict.GetString(source);
}
