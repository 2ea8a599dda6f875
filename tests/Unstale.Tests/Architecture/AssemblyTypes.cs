using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

using Types = System.Collections.Immutable.ImmutableHashSet<Unstale.Tests.Architecture.ProductType>;

namespace Unstale.Tests.Architecture;

/// <summary>
/// Types of one built assembly, each with the types of the product that it uses: base types, interfaces, constraints, attributes, fields, signatures,
/// locals, caught exceptions and the operands of its code. A nested or compiler-generated type counts for its outermost type. The use of a constant leaves
/// no trace in an assembly, unless as the argument of a call, whose signature counts.
/// </summary>
internal sealed class AssemblyTypes : ISignatureTypeProvider<Types, object?>
{
    private const string Prefix = "Unstale";

    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => (int)(ushort)code.Value);

    private readonly MetadataReader _reader;
    private readonly PEReader _image;
    private readonly Dictionary<ProductType, HashSet<ProductType>> _uses = [];
    private readonly HashSet<ProductType> _public = [];

    private AssemblyTypes(PEReader image)
    {
        (_image, _reader) = (image, image.GetMetadataReader());
        Project = _reader.GetString(_reader.GetAssemblyDefinition().Name);
        foreach (var handle in _reader.TypeDefinitions)
            Add(handle);
    }

    /// <summary>Name of the assembly, and of its project.</summary>
    public string Project { get; }

    /// <summary>Outermost types, each with the other types that it uses.</summary>
    public IReadOnlyDictionary<ProductType, HashSet<ProductType>> Uses => _uses;

    /// <summary>Public types that are not nested.</summary>
    public IReadOnlySet<ProductType> Public => _public;

    public static AssemblyTypes Read(Stream assembly)
    {
        using var image = new PEReader(assembly);
        return new(image);
    }

    private void Add(TypeDefinitionHandle handle)
    {
        if (NameOf(handle) is not [var outermost])
            return;

        var type = _reader.GetTypeDefinition(handle);
        if ((type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            _public.Add(outermost);
        if (!_uses.TryGetValue(outermost, out var uses))
            _uses.Add(outermost, uses = []);
        uses.UnionWith(Declared(type));
        foreach (var method in type.GetMethods())
            uses.UnionWith(UsedBy(_reader.GetMethodDefinition(method)));
        uses.Remove(outermost);
    }

    private IEnumerable<ProductType> Declared(TypeDefinition type) =>
    [
        .. Of(type.BaseType),
        .. type.GetInterfaceImplementations().SelectMany(handle => Of(_reader.GetInterfaceImplementation(handle).Interface)),
        .. type.GetFields().SelectMany(handle => Of(handle)),
        .. ConstraintsOf(type.GetGenericParameters()),
        .. AttributesOf(type.GetCustomAttributes()),
        .. type.GetFields().SelectMany(handle => AttributesOf(_reader.GetFieldDefinition(handle).GetCustomAttributes())),
        .. type.GetProperties().SelectMany(handle => AttributesOf(_reader.GetPropertyDefinition(handle).GetCustomAttributes())),
    ];

    private IEnumerable<ProductType> UsedBy(MethodDefinition method)
    {
        IEnumerable<ProductType> declared = [.. TypesOf(method.DecodeSignature(this, null)), .. ConstraintsOf(method.GetGenericParameters()), .. AttributesOf(method.GetCustomAttributes())];
        return method.RelativeVirtualAddress == 0 ? declared : declared.Concat(UsedBy(_image.GetMethodBody(method.RelativeVirtualAddress)));
    }

    private IEnumerable<ProductType> UsedBy(MethodBodyBlock body) =>
    [
        .. body.LocalSignature.IsNil ? [] : _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null).SelectMany(static local => local),
        .. body.ExceptionRegions.SelectMany(region => Of(region.CatchType)),
        .. Tokens(body.GetILReader()).SelectMany(Of),
    ];

    /// <summary>Operands of the code that name a type or a member.</summary>
    private static List<EntityHandle> Tokens(BlobReader code)
    {
        var tokens = new List<EntityHandle>();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xFE)
                value = (value << 8) | code.ReadByte();
            var operand = OpCodesByValue[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                tokens.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
            else
                code.Offset += LengthOf(operand, code);
        }

        return tokens;
    }

    private static int LengthOf(OperandType operand, BlobReader code) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => sizeof(int) + (sizeof(int) * code.ReadInt32()),
        _ => 4,
    };

    private IEnumerable<ProductType> Of(EntityHandle handle) => handle.IsNil ? [] : handle.Kind switch
    {
        HandleKind.TypeDefinition => NameOf((TypeDefinitionHandle)handle),
        HandleKind.TypeReference => NameOf((TypeReferenceHandle)handle),
        HandleKind.TypeSpecification => _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null),
        HandleKind.FieldDefinition => Of(_reader.GetFieldDefinition((FieldDefinitionHandle)handle)),
        HandleKind.MethodDefinition => Of(_reader.GetMethodDefinition((MethodDefinitionHandle)handle)),
        HandleKind.MemberReference => Of(_reader.GetMemberReference((MemberReferenceHandle)handle)),
        HandleKind.MethodSpecification => Of(_reader.GetMethodSpecification((MethodSpecificationHandle)handle)),
        _ => throw new InvalidOperationException($"Unexpected operand of kind {handle.Kind}."),
    };

    private IEnumerable<ProductType> Of(FieldDefinition field) => [.. NameOf(field.GetDeclaringType()), .. field.DecodeSignature(this, null)];

    private IEnumerable<ProductType> Of(MethodDefinition method) => [.. NameOf(method.GetDeclaringType()), .. TypesOf(method.DecodeSignature(this, null))];

    private IEnumerable<ProductType> Of(MethodSpecification method) => [.. Of(method.Method), .. method.DecodeSignature(this, null).SelectMany(static argument => argument)];

    private IEnumerable<ProductType> Of(MemberReference member) =>
        [.. Of(member.Parent), .. member.GetKind() == MemberReferenceKind.Field ? member.DecodeFieldSignature(this, null) : TypesOf(member.DecodeMethodSignature(this, null))];

    private static IEnumerable<ProductType> TypesOf(MethodSignature<Types> signature) =>
        signature.ParameterTypes.Append(signature.ReturnType).SelectMany(static type => type);

    private IEnumerable<ProductType> ConstraintsOf(GenericParameterHandleCollection parameters) =>
        from parameter in parameters
        from constraint in _reader.GetGenericParameter(parameter).GetConstraints()
        from name in Of(_reader.GetGenericParameterConstraint(constraint).Type)
        select name;

    private IEnumerable<ProductType> AttributesOf(CustomAttributeHandleCollection attributes) =>
        attributes.SelectMany(handle => Of(_reader.GetCustomAttribute(handle).Constructor));

    /// <summary>Returns the outermost type, or nothing for a type outside the folders of the product.</summary>
    private ProductType[] NameOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return type.IsNested ? NameOf(type.GetDeclaringType()) : ProductType.From(Project, _reader.GetString(type.Namespace), _reader.GetString(type.Name));
    }

    private ProductType[] NameOf(TypeReferenceHandle handle)
    {
        var type = _reader.GetTypeReference(handle);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return NameOf((TypeReferenceHandle)type.ResolutionScope);
        if (type.ResolutionScope.Kind != HandleKind.AssemblyReference)
            return [];
        var assembly = _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
        return assembly.StartsWith(Prefix, StringComparison.Ordinal) ? ProductType.From(assembly, _reader.GetString(type.Namespace), _reader.GetString(type.Name)) : [];
    }

    Types ISZArrayTypeProvider<Types>.GetSZArrayType(Types elementType) => elementType;

    Types IConstructedTypeProvider<Types>.GetArrayType(Types elementType, ArrayShape shape) => elementType;

    Types IConstructedTypeProvider<Types>.GetByReferenceType(Types elementType) => elementType;

    Types IConstructedTypeProvider<Types>.GetPointerType(Types elementType) => elementType;

    Types IConstructedTypeProvider<Types>.GetGenericInstantiation(Types genericType, ImmutableArray<Types> typeArguments) =>
        genericType.Union(typeArguments.SelectMany(static argument => argument));

    Types ISignatureTypeProvider<Types, object?>.GetFunctionPointerType(MethodSignature<Types> signature) => [.. TypesOf(signature)];

    Types ISignatureTypeProvider<Types, object?>.GetGenericMethodParameter(object? genericContext, int index) => [];

    Types ISignatureTypeProvider<Types, object?>.GetGenericTypeParameter(object? genericContext, int index) => [];

    Types ISignatureTypeProvider<Types, object?>.GetModifiedType(Types modifier, Types unmodifiedType, bool isRequired) =>
        unmodifiedType;

    Types ISignatureTypeProvider<Types, object?>.GetPinnedType(Types elementType) => elementType;

    Types ISignatureTypeProvider<Types, object?>.GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        [.. Of((EntityHandle)handle)];

    Types ISimpleTypeProvider<Types>.GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

    Types ISimpleTypeProvider<Types>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [.. NameOf(handle)];

    Types ISimpleTypeProvider<Types>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [.. NameOf(handle)];
}
