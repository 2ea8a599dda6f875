using System.Buffers;
using System.Text;

namespace Unstale.Remote;

/// <summary>UTF-8. Strict both ways: what cannot be told exactly is an error, never another string.</summary>
internal sealed class StringCodec : ValueCodec<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    protected override void Write(string value, IBufferWriter<byte> target) => Strict.GetBytes(value, target);

    protected override string Read(ReadOnlySequence<byte> source) => Strict.GetString(source);
}
