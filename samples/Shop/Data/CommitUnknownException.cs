using System.Data.Common;

namespace Shop.Data;

/// <summary>The database did not say that a commit came about. It may have, before its answer was lost.</summary>
internal sealed class CommitUnknownException(DbException lost) : Exception("It is unknown whether the commit came about.", lost);
